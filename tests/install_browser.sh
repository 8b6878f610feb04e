#!/bin/sh
# Make sure that a Chromium, DCMTK and Orthanc are there for the tests, where we may.
set -eu

have_browser() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
        command -v google-chrome >/dev/null || [ -n "${XRAY_CHROMIUM:-}" ]
}

if have_browser && command -v dcm2pnm >/dev/null && command -v dciodvfy >/dev/null &&
    command -v Orthanc >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    have_browser || echo "== No Chromium found: install one, or set XRAY_CHROMIUM to its path" >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then sudo=""; elif command -v sudo >/dev/null; then sudo="sudo -n"; else
    echo "== Not allowed to install packages: install chromium, dcmtk, dicom3tools, orthanc and orthanc-dicomweb yourself" >&2
    exit 0
fi
echo "== Installing Chromium, DCMTK, dicom3tools and Orthanc for the tests"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends \
    chromium dcmtk dicom3tools orthanc orthanc-dicomweb >/dev/null

"""Values of Modality (0008,0060): which are known, and which are radiographs.

PS3.3 C.7.3.1.1.1. A value outside the list is never repeated to anybody: it is
free text, and may hold a name.
"""

# Projection radiography, dental included, and what carries its secondary captures.
PLAIN = frozenset({"CR", "DX", "RG", "RF", "XA", "IO", "PX", "OT", "SC"})

# fmt: off
KNOWN = PLAIN | {
    "ANN", "AR", "ASMT", "AU", "BDUS", "BI", "BMD", "CFM", "CT", "CTPROTOCOL", "DG",
    "DMS", "DOC", "DS", "ECG", "EEG", "EMG", "EOG", "EPS", "ES", "FID", "GM", "HC",
    "HD", "IOL", "IVOCT", "IVUS", "KER", "KO", "LEN", "LS", "M3D", "MA", "MG", "MR",
    "NM", "OAM", "OCT", "OP", "OPM", "OPR", "OPT", "OPTBSV", "OPTENF", "OPV", "OSS",
    "PA", "PLAN", "POS", "PR", "PT", "REG", "RESP", "RTDOSE", "RTIMAGE", "RTINTENT",
    "RTPLAN", "RTRAD", "RTRECORD", "RTSEGANN", "RTSTRUCT", "RWV", "SEG", "SM",
    "SMR", "SR", "SRF", "STAIN", "TEXTUREMAP", "TG", "US", "VA", "VF",
    "XC",
}
# fmt: on

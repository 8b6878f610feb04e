"""What the node takes: which objects, and in which encodings, best first."""

from pydicom import uid as uids
from pydicom.uid import UID

VERIFICATION = UID("1.2.840.10008.1.1")
COMMITMENT = UID("1.2.840.10008.1.20.1")  # Storage Commitment Push Model
COMMITMENT_INSTANCE = UID("1.2.840.10008.1.20.1.1")  # its well-known instance

STORED = (
    uids.ComputedRadiographyImageStorage,
    uids.DigitalXRayImageStorageForPresentation,
    uids.DigitalXRayImageStorageForProcessing,
    uids.DigitalMammographyXRayImageStorageForPresentation,
    uids.DigitalMammographyXRayImageStorageForProcessing,
    uids.DigitalIntraOralXRayImageStorageForPresentation,
    uids.DigitalIntraOralXRayImageStorageForProcessing,
    uids.XRayAngiographicImageStorage,
    uids.XRayRadiofluoroscopicImageStorage,
    uids.EnhancedXAImageStorage,
    uids.EnhancedXRFImageStorage,
    uids.SecondaryCaptureImageStorage,
    uids.MultiFrameSingleBitSecondaryCaptureImageStorage,
    uids.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    uids.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    uids.MultiFrameTrueColorSecondaryCaptureImageStorage,
)
# The first one that a sender offers is taken: what loses nothing comes first.
SYNTAXES = (
    uids.ExplicitVRLittleEndian,
    uids.JPEGLosslessSV1,
    uids.JPEGLossless,
    uids.JPEGLSLossless,
    uids.JPEG2000Lossless,
    uids.RLELossless,
    uids.HTJ2KLossless,
    uids.HTJ2KLosslessRPCL,
    uids.DeflatedExplicitVRLittleEndian,
    uids.ExplicitVRBigEndian,
    uids.ImplicitVRLittleEndian,
    uids.JPEGLSNearLossless,
    uids.JPEG2000,
    uids.HTJ2K,
    uids.JPEGExtended12Bit,
    uids.JPEGBaseline8Bit,
)

"""Whom the films are of that the networks learned from, and under what terms."""

CREDITS = {
    "unifesp": "UNIFESP X-ray Body Part Classification, Federal University of São "
    "Paulo, doi 10.34740/KAGGLE/DSV/3399135, CC BY-NC-SA 4.0",
    "fracatlas": "FracAtlas, Abedeen et al. 2023, doi 10.6084/m9.figshare.22363012, "
    "CC BY 4.0",
    "pesplanus": "Roboflow Universe pesplanus-b1xsb, CC BY 4.0",
    "fraiwan": "Fraiwan et al., King Abdullah University Hospital, CC BY 4.0",
    "shoimp": "UCI 517 Shoulder Implant X-Ray Manufacturer Classification, CC BY 4.0",
    "nihcxr14": "NIH Clinical Center ChestX-ray14, no restriction, credit required",
    "kermany": "Kermany et al. 2018, CC BY 4.0",
    "cohencovid": "Cohen et al. 2020, CC BY",
    "ddhjordan": "Fraiwan et al. 2022, CC BY 4.0",
    "grazped": "GRAZPEDWRI-DX, CC BY 4.0",
    "grazped2": "GRAZPEDWRI-DX, Nagy et al. 2022, doi 10.1038/s41597-022-01328-z, "
    "CC BY 4.0",
    "roboflow": "Roboflow 100 bone-fracture-7fylg, CC BY 4.0",
    "kneeoa": "Knee Osteoarthritis Severity Grading, Chen 2018, doi "
    "10.17632/56rmx5bjcr.1, of the Osteoarthritis Initiative, CC BY 4.0",
    "akudental": "AKUDENTAL, CC BY-NC-SA 4.0",
    "arcade": "ARCADE, Popov et al. 2023, Zenodo 7981245, CC BY 4.0",
    "busi": "Breast ultrasound images, Al-Dhabyani et al. 2020, CC BY 4.0",
    "ccaus": "Common carotid artery ultrasound images, Momot, doi "
    "10.17632/d4xt63mgjm.1, CC BY 4.0",
    "cddcesm": "CDD-CESM, Khaled et al. 2021, doi 10.7937/29kw-ae92, CC BY",
    "ctkidney": "CT Kidney Dataset, Islam et al., CC BY 4.0",
    "headct": "Head CT - hemorrhage, F. Kitamura, CC0",
    "kneebones": "KneeBones3Dify, Zenodo 10534328, CC BY 4.0",
    "mammodens": "Mammogram Density Assessment, doi 10.17632/tdx3h2fn9v.4, CC BY 4.0",
    "mammomast": "Mammogram Mastery, Aqdar et al., CC BY 4.0",
    "pddca": "PDDCA, Raudaschl et al. 2017, public domain",
    "spider": "SPIDER, van der Graaf et al. 2024, Zenodo 10159290, CC BY 4.0",
    "sts": "Soft-tissue-Sarcoma, Vallieres et al. 2015, doi "
    "10.7937/K9/TCIA.2015.7GO2GSKS, CC BY 3.0",
    "ocrd": "OCR-D/assets, public domain prints",
    "skimage": "scikit-image's sample pictures, CC0 or public domain",
    "debianwall": "Debian's lomiri-wallpapers, CC BY 4.0 or CC BY-SA",
}

"""How far to believe an answer: bands, calibration, rejection, parts."""

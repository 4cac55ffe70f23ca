"""The demonstration speech model of Polosa: a tiny GigaAM trained on synthetic espeak-ng speech."""

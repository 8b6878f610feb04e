"""The network of findings: trained and measured on films that experts marked."""

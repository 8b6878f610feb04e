"""The tests: a package, because tf-keras-vis installs another of this name."""

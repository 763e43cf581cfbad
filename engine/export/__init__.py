"""Export of trained models to files of other programs, each verified after writing."""

"""`darkroom watch`: complete files of a folder are uploaded and followed to their results."""

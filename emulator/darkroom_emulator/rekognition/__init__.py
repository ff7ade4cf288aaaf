"""Rekognition for pictures: what DetectLabels and its kin answer, by networks that run here.

What is needed for that is the extra ``vision`` of this distribution, and is loaded when it is first
asked for.
"""

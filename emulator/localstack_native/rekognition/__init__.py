"""Rekognition: labels, faces, moderation and text of images, by local neural networks.

The networks need this distribution's extra ``vision``, and are loaded in the background after
the start.
"""

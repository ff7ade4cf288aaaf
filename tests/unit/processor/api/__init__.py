"""Tests of the API's function, with its services played by memory."""

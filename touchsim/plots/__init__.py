"""Pictures: frames in, axes in, axes out; the only room that knows matplotlib.

Low in the house, so that any result may draw itself.  Nothing is imported until a picture is asked for.
"""

"""Dense prediction: every pixel of a picture gets a class, from a fully convolutional network.

Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation" (CVPR 2015).
"""

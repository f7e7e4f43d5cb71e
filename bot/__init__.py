"""Entente's shared core: everything that is not one platform's or one process's business."""

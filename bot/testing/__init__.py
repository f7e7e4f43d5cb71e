"""What tests of Entente and of its platforms need: a fake platform, builders, a contract suite.

Shipped, so that whoever adds a platform can hold it to the same contract; used by tests alone.
"""

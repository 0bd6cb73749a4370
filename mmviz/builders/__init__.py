"""Scenes of the parts of a transformer: a head, all heads of a layer, its MLP, the whole layer."""

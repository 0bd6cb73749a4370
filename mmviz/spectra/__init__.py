"""The singular values of every head of a model, as a table, as figures and as a report."""

from mmviz.machine.passing_folder import passing_folder

with passing_folder("MPLCONFIGDIR", "matplotlib"):
    import matplotlib as mpl

    mpl.get_cachedir()  # it is looked for once

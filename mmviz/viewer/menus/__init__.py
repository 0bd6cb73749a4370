"""Commands as one meets them: actions, menus, the tool bar; what they do lies elsewhere."""

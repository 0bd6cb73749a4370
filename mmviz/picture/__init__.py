"""Where, when and in which colour: plain arrays; numpy is the only library here."""

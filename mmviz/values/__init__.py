"""How much: a number for every element of every matrix; torch and safetensors live here."""

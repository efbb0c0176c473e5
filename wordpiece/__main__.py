"""`python -m wordpiece` is `wp`."""

from wordpiece.cli.main import script

if __name__ == "__main__":
    script()

"""`python -m wordpiece` is `wp`."""

from wordpiece.cli.main import main

if __name__ == "__main__":
    main()

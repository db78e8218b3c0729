"""``python -m touchsim`` is the command ``touchsim``."""

from touchsim.cli import main

if __name__ == "__main__":
    main()

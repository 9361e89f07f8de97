"""sitegen as its users have it: installed from the wheel."""

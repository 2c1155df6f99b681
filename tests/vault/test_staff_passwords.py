from tihuo.vault import staff_passwords


async def test_only_the_right_password_matches() -> None:
    stored = staff_passwords.hash_password("Passw0rd1")
    assert stored.startswith("$argon2id$")
    assert await staff_passwords.matches("Passw0rd1", stored)
    assert not await staff_passwords.matches("Passw0rd2", stored)


async def test_nobody_matches_nothing() -> None:
    assert not await staff_passwords.matches("nobody's password", None)
    assert not await staff_passwords.matches("x", "not a hash")

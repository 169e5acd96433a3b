import pytest

from recording.policy.code import ALPHABET, display, new_code, normalise


def test_new_code_survives_every_way_of_typing_it():
    code = new_code()

    typed = [code, code.lower(), display(code), f" {display(code).replace('-', ' ')} ", display(code).replace("-", "–")]

    assert {normalise(text) for text in typed} == {code}


def test_look_alikes_are_read_as_the_digits_they_resemble():
    code = next(code for code in iter(new_code, "") if "0" in code and "1" in code)

    assert normalise(code.replace("0", "O").replace("1", "l")) == code


def test_every_single_wrong_character_is_noticed():
    code = new_code()

    for place, right in enumerate(code):
        for wrong in set(ALPHABET) - {right}:
            with pytest.raises(ValueError, match="mistyped"):
                normalise(code[:place] + wrong + code[place + 1 :])


def test_every_swap_of_neighbours_is_noticed():
    code = new_code()

    for place in range(len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(ValueError, match="mistyped"):
                normalise(swapped)


@pytest.mark.parametrize("text", ["", "K7QX-4M2P", "K7QX-4M2P-9THX", "K7QX-4M2P-9T!", "٣" * 11, "U" * 11])
def test_what_is_no_code_is_refused(text):
    with pytest.raises(ValueError, match="code"):
        normalise(text)

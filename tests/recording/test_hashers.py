from argon2 import extract_parameters

from recording.hashers import PortalArgon2PasswordHasher


def test_passwords_are_argon2id_of_46_mebibytes_one_pass_one_lane():
    hasher = PortalArgon2PasswordHasher()

    encoded = hasher.encode("kereta-api-malam", hasher.salt())

    parameters = extract_parameters(encoded.removeprefix("argon2"))
    assert (parameters.type.name, parameters.memory_cost, parameters.time_cost) == ("ID", 46 * 1024, 1)
    assert parameters.parallelism == 1
    assert hasher.verify("kereta-api-malam", encoded)

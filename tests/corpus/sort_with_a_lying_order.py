# Sorts things whose order changes with each comparison.
# outcome: ok
# contained: "sorted"

class Liar:
    turn = 0

    def __lt__(self, other):
        Liar.turn += 1
        return Liar.turn % 2 == 0


def run(contact, existing_contact, logger, **kwargs):
    sorted(Liar() for _ in range(1_000))
    contact.results["out"] = "sorted"
    return contact

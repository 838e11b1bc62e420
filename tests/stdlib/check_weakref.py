"""weakref"""

import gc
import weakref


class Contact:
    def __init__(self, name="Jane"):
        self.name = name

    def hello(self):
        return f"I am {self.name}"


def test_references():
    contact = Contact()
    seen, reference = [], weakref.ref(contact)
    watched = weakref.ref(contact, lambda r: seen.append("gone"))
    assert reference() is contact and weakref.getweakrefcount(contact) == 2 and watched() is contact
    del contact
    gc.collect()
    assert reference() is None and seen == ["gone"]


def test_mappings_and_sets():
    contact = Contact()
    by_name, notes = weakref.WeakValueDictionary(a=contact), weakref.WeakKeyDictionary({contact: 1})
    group = weakref.WeakSet([contact])
    assert by_name["a"] is contact and notes[contact] == 1 and contact in group
    del contact
    gc.collect()
    assert not by_name and not notes and not group


def test_proxies_and_methods():
    contact = Contact()
    proxy, method = weakref.proxy(contact), weakref.WeakMethod(contact.hello)
    assert proxy.hello() == method()() == "I am Jane"
    del contact
    gc.collect()
    assert method() is None
    try:
        proxy.name
    except ReferenceError:
        return
    raise AssertionError("it is gone")


def test_finalizers():
    seen, contact = [], Contact()
    end = weakref.finalize(contact, seen.append, "end")
    assert end.alive
    del contact
    gc.collect()
    assert seen == ["end"] and not end.alive and end() is None

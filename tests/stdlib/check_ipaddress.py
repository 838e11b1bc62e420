"""ipaddress"""

import ipaddress as ip


def test_addresses():
    address = ip.ip_address("192.168.1.10")
    assert address.is_private and not address.is_loopback and int(address) == 3232235786
    assert address + 5 == ip.ip_address("192.168.1.15")
    assert ip.ip_address("2001:db8::1").exploded == "2001:0db8:0000:0000:0000:0000:0000:0001"
    assert ip.ip_address("::ffff:10.0.0.1").ipv4_mapped == ip.IPv4Address("10.0.0.1")
    assert ip.ip_address("8.8.8.8").is_global and ip.ip_address("fe80::1%eth0").scope_id == "eth0"
    assert address.reverse_pointer == "10.1.168.192.in-addr.arpa" and address.packed == b"\xc0\xa8\x01\x0a"
    assert ip.ip_address("10.0.0.9") < ip.ip_address("10.0.0.10") and f"{address:x}" == "c0a8010a"


def test_networks():
    network = ip.ip_network("10.0.0.0/29")
    assert ip.ip_address("10.0.0.5") in network and network.num_addresses == 8 and len(list(network.hosts())) == 6
    assert str(network.broadcast_address) == "10.0.0.7" and str(network.netmask) == "255.255.255.248"
    assert [str(n) for n in network.subnets(prefixlen_diff=1)] == ["10.0.0.0/30", "10.0.0.4/30"]
    assert network.subnet_of(ip.ip_network("10.0.0.0/8")) and network.overlaps(ip.ip_network("10.0.0.4/32"))
    assert ip.ip_network("10.0.0.5/29", strict=False) == network
    assert str(ip.ip_interface("10.0.0.5/29").network) == "10.0.0.0/29"
    halves = [ip.ip_network("10.0.0.0/25"), ip.ip_network("10.0.0.128/25")]
    assert list(ip.collapse_addresses(halves)) == [ip.ip_network("10.0.0.0/24")]
    first_to_last = ip.summarize_address_range(ip.ip_address("10.0.0.0"), ip.ip_address("10.0.0.2"))
    assert [str(n) for n in first_to_last] == ["10.0.0.0/31", "10.0.0.2/32"]


def test_what_is_no_address():
    for wrong in ("10.0.0.256", "010.0.0.1", "1::2::3", ""):
        try:
            ip.ip_address(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)
    try:
        ip.ip_network("10.0.0.5/29")
    except ValueError as error:
        assert "has host bits set" in str(error)

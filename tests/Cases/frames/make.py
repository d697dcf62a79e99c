"""Writes the CSV files of this folder as people write them: with pandas (Debian's python3-pandas, 1.5)."""
import csv, decimal, os
import pandas as pd

os.chdir(os.path.dirname(os.path.abspath(__file__)))
frame = pd.DataFrame({"x": [0.5, 1.25, -3.0], "n": [1, 2, 3], "s": ["a", "b", "c"]})

frame.to_csv("plain.csv", index=False)
frame.to_csv("index.csv")
frame.set_index([["p", "p", "q"], [1, 2, 1]]).to_csv("index-of-two.csv")
pd.read_csv("index.csv").to_csv("index-twice.csv", index=False)
frame.assign(**{"": None}).to_csv("trailing-comma.csv", index=False)
frame.to_csv("semicolons.csv", sep=";", decimal=",", index=False)
frame.to_csv("tabs.csv", sep="\t", index=False)
frame.to_csv("tabs-decimal-commas.csv", sep="\t", decimal=",")
frame.to_csv("bom.csv", encoding="utf-8-sig", index=False)
frame.to_csv("crlf.csv", lineterminator="\r\n", index=False)
frame.to_csv("quoted.csv", quoting=csv.QUOTE_ALL)
frame.to_csv("quoted-decimal-commas.csv", decimal=",", index=False)
frame.assign(s=["a", "b\nof two lines", "c \"quoted\", with a comma"]).to_csv("line-breaks.csv", index=False)
frame.assign(x=[True, False, True]).to_csv("booleans.csv", index=False)
frame.assign(x=pd.array([True, None, False], dtype="boolean")).to_csv("nullable-booleans.csv", index=False)
frame.assign(n=pd.array([1, None, 3], dtype="Int64")).to_csv("nullable-integers.csv", index=False)
frame.assign(n=[1, None, 3]).to_csv("integers-as-floats.csv", index=False)
frame.assign(n=[1, None, 3]).to_csv("gaps-in-words.csv", index=False, na_rep="NaN")
frame.assign(s=frame["s"].astype("category")).to_csv("categories.csv", index=False)
frame.assign(x=[decimal.Decimal("0.50"), decimal.Decimal("1.25"), decimal.Decimal("-3.00")]).to_csv("decimals.csv", index=False)
frame.assign(at=pd.date_range("2026-01-01", periods=3, tz="UTC"), took=pd.to_timedelta([1, 2, 3], "s")).to_csv("dates.csv", index=False)

# The meaning of these is ambiguous.
frame.assign(x=["1,234", "5,678", "2,500"]).to_csv("thousands-or-decimals.csv", sep=";", index=False)
frame.assign(x=["1.234,5", "2.000,0", "3,0"]).to_csv("thousands-and-decimals.csv", sep=";", index=False)
frame.rename(columns={"s": "s,t"}).assign(n=["1,1", "2,2", "3,3"]).to_csv("two-delimiters.csv", sep=";", index=False, quoting=csv.QUOTE_NONE)
frame.assign(n=[None, None, None]).to_csv("no-integers.csv", index=False)
frame.to_csv("utf-16.csv", encoding="utf-16", index=False)

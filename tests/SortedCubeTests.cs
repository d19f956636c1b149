using CsCheck;
using Pipeline.Checking;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Sorting: order, duplicates and the account, whatever the order of rows, and also when the set does not fit one bucket.</summary>
public sealed class SortedCubeTests
{
    [Fact]
    public void Rows_come_out_in_the_order_of_their_keys_each_once() =>
        Cubes.AnyRows.Sample(rows =>
        {
            using var cube = Cubes.Of(rows);
            var (findings, account) = (new Findings(), new Reconciliation { CellsIn = rows.Count, Observations = rows.Count });
            var sorted = new SortedCube(cube);
            var keys = Keys(sorted, findings, account);

            var groups = rows.GroupBy(r => r.Key).ToList();
            var agreeing = groups.Where(g => g.Select(r => (r.Value, r.Status, r.Unit)).Distinct().Count() == 1).ToList();
            keys.ShouldBe([.. agreeing.Select(g => g.Key).Order(StringComparer.Ordinal)]);
            account.IsBalanced.ShouldBeTrue();
            account.Observations.ShouldBe(agreeing.Count);
            findings.HasErrors.ShouldBe(agreeing.Count < groups.Count);
            // Reading again without anybody to tell gives the same rows.
            Keys(sorted, null, null).ShouldBe(keys);
        });

    [Fact]
    public void A_set_of_many_buckets_is_sorted_as_a_small_one_is()
    {
        const int Rows = 700_001;
        var random = new Random(7);
        var order = Enumerable.Range(0, Rows).ToArray();
        random.Shuffle(order);
        using var cube = Cubes.Of(order.Select(i => new Row($"{i / 500:D5}", $"{2000 + (i % 500 / 12)}-{(i % 500 % 12) + 1:D2}", i, "A", "PT")).Append(new Row("00700", "2001-01", -1, "A", "PT")));
        var (findings, account) = (new Findings(), new Reconciliation { CellsIn = Rows + 1, Observations = Rows + 1 });
        var next = 0;
        var contradicted = (700 * 500) + 12;
        foreach (var batch in new SortedCube(cube).Read(findings, account))
        {
            for (var row = 0; row < batch.Count; row++)
            {
                next += next == contradicted ? 1 : 0;
                batch.Value(row).ShouldBe(next++);
            }
        }
        next.ShouldBe(Rows);
        account.SetAside["observations-contradict"].Count.ShouldBe(2);
        account.IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void A_million_rows_of_one_key_are_refused()
    {
        using var cube = Cubes.Of(Enumerable.Repeat(new Row("650000", "2023", 1m, "A", "PT"), 1_200_000));
        Should.Throw<UnreadableReleaseException>(() => new SortedCube(cube).Read().Count()).Finding.Found.ShouldBe("FREQ=A, REF_AREA=650000, TIME_PERIOD=2023");
    }

    [Fact]
    public void Two_values_of_one_key_name_both_cells()
    {
        using var cube = Cubes.Of([new Row("650000", "2023", 1m, "A", "PT"), new Row("650100", "2023", 5m, "A", "PT"), new Row("650000", "2023", 2m, "A", "PT")]);
        var findings = new Findings();
        Keys(new SortedCube(cube), findings, new Reconciliation()).Count.ShouldBe(1);
        var finding = findings.Kept.ShouldHaveSingleItem();
        finding.Code.ShouldBe("observations-contradict");
        finding.Where.ShouldBe("C4");
        finding.Found.ShouldBe("2 here, 1 at C2, both for FREQ=A, REF_AREA=650000 at 2023");
    }

    [Fact]
    public void A_series_that_changes_its_unit_is_a_finding()
    {
        using var cube = Cubes.Of([new Row("650000", "2022", 1m, "A", "T"), new Row("650000", "2023", 1m, "A", "KG"), new Row("650100", "2023", 1m, "A", "KG")]);
        var findings = new Findings();
        Keys(new SortedCube(cube), findings, new Reconciliation()).Count.ShouldBe(3);
        var finding = findings.Kept.ShouldHaveSingleItem();
        finding.Code.ShouldBe("units-mixed");
        finding.Where.ShouldBe("C3");
    }

    private static List<string> Keys(SortedCube sorted, Findings? findings, Reconciliation? account)
    {
        var keys = new List<string>();
        foreach (var batch in sorted.Read(findings, account))
            for (var row = 0; row < batch.Count; row++)
                keys.Add(sorted.Codes[1][batch.Codes[1][row]].Id + "|" + sorted.Codes[2][batch.Codes[2][row]].Id);
        return keys;
    }
}

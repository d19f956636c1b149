using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a name that is not there may mean.</summary>
/// <param name="Name">What is called so here; null where nothing is.</param>
/// <param name="Advice">How that is used; null where it goes without saying.</param>
/// <param name="Operator">What goes before the value there; null where the value can not be taken as it is.</param>
internal readonly record struct Meaning(string? Name, string? Advice = null, string? Operator = "")
{
    /// <summary>A name that can be put in the place of the other as it is.</summary>
    public static implicit operator Meaning(string? name) => new(name);
}

/// <summary>What others call what is called otherwise here: so that the refusal of a guess says what is meant.</summary>
internal static class OtherNames
{
    private const string Paging = "the address of the next page is page.next, and the header Link";
    private const string Since = "TIME_PERIOD=ge:2023 is from then on, TIME_PERIOD=2021..2023 from and to";
    private const string Until = "TIME_PERIOD=le:2023 is until then, TIME_PERIOD=2021..2023 from and to";
    private const string Filters = "a filter is a parameter that is called as its dimension is, REF_AREA=CODE or REF_AREA=contains:WORD; /v1/search?q= finds codes";

    // By what is left of the name without signs and case.
    private static readonly Dictionary<string, (string? Name, string? Advice)> Parameters = Of(
        ("cursor", Paging, "page offset skip startindex pagenumber after"),
        ("limit", null, "top rows size perpage pagesize take max maxrows count num results"),
        ("columns", null, "fields select variables cols column properties include"),
        ("sort", "sort=-OBS_VALUE has the greatest first", "order orderby sortby sorting"),
        (Concepts.TimePeriod, Since, "from start startperiod starttime startdate startyear since begin fromdate mindate"),
        (Concepts.TimePeriod, Until, "to end endperiod endtime enddate endyear until before todate maxdate"),
        ("lang", null, "language languages locale"),
        ("format", null, "type output outputformat fmt mediatype"),
        ("group", null, "groupby by"),
        ("aggregate", null, "agg aggregation aggregations func"),
        ("compute", null, "calc calculate computed formula transform"),
        ("last", null, "latest lastnobservations lastn"),
        ("first", null, "firstnobservations firstn"),
        ("asOf", null, "asat vintage"),
        (null, Filters, "q query search filter filters where"));

    private static readonly Dictionary<string, (string? Name, string? Advice)> Formats = Of(
        ("xlsx", null, "excel xls ods spreadsheet"),
        ("csv", null, "text txt"),
        ("tsv", null, "tab"),
        ("ndjson", null, "jsonl jsonlines jsonlinesdelimited"),
        ("arrow", null, "ipc feather arrows arrowstream"),
        ("parquet", null, "pq parq"),
        ("json-stat", null, "jsonstat jsonstat2 jsonstat20"),
        ("px", null, "pcaxis pxweb"));

    private static readonly Dictionary<string, (string? Name, string? Advice)> Aggregates = Of(
        ("mean", null, "avg average arithmeticmean"),
        ("sum", null, "total add"),
        ("count", null, "n number countall"),
        ("min", null, "minimum least"),
        ("max", null, "maximum greatest"));

    // How far back it looks, where the name says that.
    private static readonly Dictionary<string, (string? Name, string? Advice)> Computed = Of(
        ("growth", null, "growthrate change pctchange percentchange pct rate"),
        ("growth", "1Y", "yoy yearonyear yearoveryear 同比 同比增长"),
        ("growth", "1P", "qoq mom pop quarteronquarter monthonmonth monthovermonth periodonperiod 环比 环比增长"),
        ("difference", null, "diff delta increase absolutechange"),
        ("before", null, "lag previous prior shift earlier"),
        ("index", null, "indexed rebase base indexnumber"),
        ("share", null, "percent percentage proportion ratio shareof"),
        ("single", null, "monthly decumulate decumulated singlemonths discrete"));

    // Signs are their own names.
    private static readonly Dictionary<string, (string? Name, string? Advice)> Operators = Of(
        ("ge", null, "gte geq min from atleast onorafter since >= =>"),
        ("le", null, "lte leq max to until upto atmost onorbefore <= =<"),
        ("gt", null, "greater greaterthan after above over morethan >"),
        ("lt", null, "less lower lessthan before below <"),
        ("eq", null, "equals equal is exact = =="),
        ("ne", null, "neq notequal notequals isnot != <>"),
        ("startsWith", null, "startswith starts begins beginswith startwith prefix"),
        ("contains", null, "like ilike has includes match matches search label contain"),
        ("under", null, "childof childrenof children descendantsof descendants"));

    // None of these has a name here that OData's own rules would find.
    private static readonly Dictionary<string, (string? Name, string? Advice)> ODataOptions = Of(
        ("$top", null, "limit rows size perpage pagesize take max maxrows num results"),
        ("$skip", null, "offset start startindex"),
        ("$select", null, "columns fields variables cols column properties"),
        ("$orderby", "$orderby=OBS_VALUE desc has the greatest first", "order sort sortby sorting"),
        ("$filter", "$filter=REF_AREA eq 'CODE' and TIME_START ge 2023-01-01", "where filters query condition"),
        ("$search", null, "q"),
        ("$apply", "$apply=groupby((REF_AREA),aggregate(OBS_VALUE with sum as Sum))", "group groupby aggregate"),
        (null, "the address of the next page is @odata.nextLink; $skip=100 passes over 100", "page pagenumber cursor"));

    /// <summary>The query option of OData that others call so.</summary>
    public static Meaning OfODataOption(string name) =>
        ODataOptions.GetValueOrDefault(Bare(name)) is var (other, advice) && (other ?? advice) is not null ? new Meaning(other, advice, advice is null ? "" : null)
        : name.Length > 1 && !name.Any(char.IsAsciiLetterLower) ? new Meaning(null, $"what observations have to be stands in $filter: $filter={name} eq 'CODE'") : default;

    /// <summary>The operator, of those that there are, that is written or meant so; null where none is.</summary>
    public static string? OfOperator(string name, IReadOnlyList<string> known) =>
        (Operators.TryGetValue(name, out var sign) || Operators.TryGetValue(Bare(name), out sign)) && known.Contains(sign.Name!) ? sign.Name
        : known.FirstOrDefault(o => o.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? (name.Length > 1 ? ProblemException.Nearest(name, [.. known]) : null);

    /// <summary>The parameter or component that a name which is neither may mean, and how it is used.</summary>
    /// <param name="name">The name.</param>
    /// <param name="at">What components there are.</param>
    /// <param name="options">What other parameters there are.</param>
    public static Meaning OfParameter(string name, DatasetAtVersion at, IReadOnlyList<string> options) =>
        // TIME_PERIOD>=2023 arrives as the value 2023 of a parameter with the sign at its end.
        name.IndexOfAny(['<', '>']) is > 0 and var sign && name[..sign] is Concepts.TimePeriod or Concepts.ObsValue
            ? new Meaning(name[..sign], $"{name[..sign]}=ge:… is from there on, le:… up to there", sign < name.Length - 1 ? null : name[sign] == '>' ? "ge:" : "le:") :
        OfOption(name, [.. options, .. at.Components.Select(c => c.Id)]) is var known && (known.Name ?? known.Advice) is not null ? known : new Meaning(OfComponent(name, at));

    /// <summary>The parameter of a request without components that a name may mean.</summary>
    /// <param name="name">The name.</param>
    /// <param name="options">What parameters there are.</param>
    public static Meaning OfOption(string name, IReadOnlyList<string> options) => Parameters.GetValueOrDefault(Bare(name)) switch
    {
        (null, Filters) when options.Contains("q") => new Meaning("q"),
        // Between versions.
        (_, Since) when options.Contains("from") => new Meaning("from"),
        (_, Until) when options.Contains("to") => new Meaning("to"),
        ({ } other, _) when !options.Contains(other) => default,
        (Concepts.TimePeriod, var advice) => new Meaning(Concepts.TimePeriod, advice, advice == Since ? "ge:" : "le:"),
        var (other, advice) => new Meaning(other, advice, advice is null ? "" : null),
    };

    /// <summary>The component that is labelled so, or is of the concept that is called so; null where none is.</summary>
    public static string? OfComponent(string name, DatasetAtVersion at)
    {
        var words = name.Replace('_', ' ').Trim();
        return at.Components.FirstOrDefault(c => c.Labels.Values.Any(label => label.Equals(words, StringComparison.OrdinalIgnoreCase)))?.Id
            ?? (words.Length is > 0 and < 100 ? Vocabulary.Load("concepts").Find(words) : null) switch
            {
                { Parent: "TIME" } => Concepts.TimePeriod,
                { } concept when at.IndexOf(concept.Id) >= 0 || concept.Id == Concepts.ObsValue => concept.Id,
                _ => null,
            };
    }

    /// <summary>A list whose items are parted by other signs than commas, or have spaces around them, as it is written here; null where it is written so, or is no list.</summary>
    public static string? OfList(string text)
    {
        var meant = string.Join(',', text.Split([',', '，', '、', ';', '；', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return meant == text || meant.Length == 0 ? null : meant;
    }

    /// <summary>The format that is called so; null where none is.</summary>
    public static string? OfFormat(string name) =>
        DataFormat.All.FirstOrDefault(f => f.MediaType == name || f.Extension == name)?.Name ?? Formats.GetValueOrDefault(Bare(name)).Name;

    /// <summary>The aggregate that is called so; null where none is.</summary>
    public static string? OfAggregate(string name) => Aggregates.GetValueOrDefault(Bare(name)).Name;

    /// <summary>The computation that is called so, and how far back it looks; null where none is, or where the name does not say.</summary>
    public static (string? Name, string? Lag) OfComputation(string name) => Computed.GetValueOrDefault(Bare(name));

    private static string Bare(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static Dictionary<string, (string? Name, string? Advice)> Of(params (string? Name, string? Advice, string Others)[] names) =>
        names.SelectMany(n => n.Others.Split(' '), (n, other) => (other, n.Name, n.Advice)).ToDictionary(n => n.other, n => (n.Name, n.Advice));
}

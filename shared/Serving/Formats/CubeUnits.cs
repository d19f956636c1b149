using System.Globalization;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The units of a cube's observations, as far as what is measured tells them: one for each code of the metric dimension, or one for all.</summary>
internal sealed class CubeUnits
{
    private readonly DataCube cube;
    private readonly AttributeScope? measures;
    private readonly AttributeScope? powers;
    private readonly int measureAt;
    private readonly int powerAt;
    private readonly int[] decimals;
    private readonly bool[] vary;

    /// <summary>Looks at all observations.</summary>
    public CubeUnits(DataCube cube)
    {
        this.cube = cube;
        (measureAt, powerAt) = (cube.At.IndexOf(Concepts.UnitMeasure), cube.At.IndexOf(Concepts.UnitMult));
        (measures, powers) = (Fitting(measureAt), Fitting(powerAt));
        decimals = new int[cube.Metric < 0 ? 1 : cube.Dimensions[cube.Metric].Codes.Count];
        vary = new bool[decimals.Length];
        Array.Fill(decimals, -1);
        for (var i = 0; i < cube.Positions.Length; i++)
        {
            if (cube.Values.DecimalsOf(i) is not (>= 0 and var shown))
                continue;
            var metric = cube.Metric < 0 ? 0 : cube.CodeAt(cube.Metric, cube.Positions[i]);
            vary[metric] |= decimals[metric] >= 0 && decimals[metric] != shown;
            decimals[metric] = Math.Max(decimals[metric], shown);
        }
    }

    /// <summary>Whether what is measured tells every observation's unit.</summary>
    public bool AreTold => measures is not null;

    /// <summary>Whether what is measured tells by which power of ten every observation is to be multiplied.</summary>
    public bool PowersAreTold => powers is not null;

    /// <summary>The attributes whose codes <see cref="Measure"/> and <see cref="Power"/> give.</summary>
    public bool Tells(int component) => (component == measureAt && AreTold) || (component == powerAt && PowersAreTold);

    /// <summary>The unit of a code of the metric dimension; null where none is stated.</summary>
    public Code? Measure(int metric) => Find(measures, measureAt, metric) is { } unit && unit.Id is not (Concepts.Unspecified or Concepts.NotApplicable) ? unit : null;

    /// <summary>The power of ten of a code of the metric dimension.</summary>
    public int Power(int metric) => Find(powers, powerAt, metric) is { } power && int.TryParse(power.Id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The most decimals that a value of a code of the metric dimension shows.</summary>
    public int Decimals(int metric) => Math.Max(0, decimals[metric]);

    /// <summary>Whether all values of a code of the metric dimension show the same decimals.</summary>
    public bool HasDecimals(int metric) => decimals[metric] >= 0 && !vary[metric];

    private AttributeScope? Fitting(int component) =>
        component >= 0 && cube.ScopeOf(component) is { } scope && (scope.Dimension < 0 || scope.Dimension == cube.Metric) ? scope : null;

    private Code? Find(AttributeScope? scope, int component, int metric)
    {
        if (scope is null)
            return null;
        var number = scope.Numbers[scope.Dimension < 0 ? 0 : metric];
        return number >= 0 && number < cube.At.Components[component].Codes.Count ? cube.At.Components[component].Codes[number] : null;
    }
}

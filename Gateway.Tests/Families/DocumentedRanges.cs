using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Families;

/// <summary>Which values a family's page calls possible: its tables with a column "range", by the index of a reading or by its unit.</summary>
internal sealed partial class DocumentedRanges
{
    private const string Anything = "any";

    private readonly Dictionary<string, (double Least, double Most)?> _ranges = [];

    /// <summary>The column that the ranges belong to: index or unit.</summary>
    private readonly bool _byUnit;

    public DocumentedRanges(string page)
    {
        foreach (var table in Tables().Matches(page).Select(match => match.Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            var columns = Cells(table[0]);
            var (names, range) = (Math.Max(Array.IndexOf(columns, "index"), 0), Array.IndexOf(columns, "range"));
            if (range < 0)
            {
                continue;
            }

            _byUnit |= columns[names] == "unit";
            foreach (var row in table.Skip(2).Select(Cells))
            {
                Add([.. row[names].Split(',', StringSplitOptions.TrimEntries).Select(name => name.Split(' ')[0])], row[range]);
            }
        }
    }

    /// <summary>Whether the page has a range for this reading, or says that it has none.</summary>
    public bool Knows(Reading reading) => KeyOf(reading) is { } key && _ranges.ContainsKey(key);

    /// <summary>Whether one of the values can't be, by the page.</summary>
    public bool RulesOut(Reading reading) =>
        KeyOf(reading) is { } key && _ranges.GetValueOrDefault(key) is { } range &&
        reading.Values.Any(value => value.Kind is ReadingValueKind.Whole or ReadingValueKind.Real && (value.AsDouble() < range.Least || value.AsDouble() > range.Most));

    private string? KeyOf(Reading reading) => _byUnit ? reading.Unit : reading.Index;

    // One range holds for all names of a row; several, one for each.
    private void Add(string[] names, string cell)
    {
        var ranges = cell.Split(',', StringSplitOptions.TrimEntries).Select(RangeOf).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            _ranges[names[i]] = ranges.Length == names.Length ? ranges[i] : ranges.Length == 1 ? ranges[0] : null;
        }
    }

    // "true or false": any number is neither.
    private static (double, double)? RangeOf(string text)
    {
        if (text == "true or false")
        {
            return (double.PositiveInfinity, double.NegativeInfinity);
        }

        var range = Range().Match(text);
        return range.Success ? (Bound(range.Groups[1].Value), range.Groups[2].Value == Anything ? double.MaxValue : Bound(range.Groups[2].Value)) : null;
    }

    private static double Bound(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string[] Cells(string row) => [.. row.Trim('|').Split('|').Select(cell => cell.Trim())];

    [GeneratedRegex(@"(?:^\|.*\|\n)+", RegexOptions.Multiline)]
    private static partial Regex Tables();

    [GeneratedRegex(@"^(-?[\d.]+) to (-?[\d.]+|any)")]
    private static partial Regex Range();
}

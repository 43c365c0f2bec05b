using System.Text.Json;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>What has arrived in a run, and whether that is what the devices were promised.</summary>
internal sealed class Ledger
{
    private readonly List<Entry> _all = [];
    private readonly HashSet<(string Device, int Number)> _distinct = [];

    /// <summary>How many different frames.</summary>
    public int Distinct => _distinct.Count;

    /// <summary>How many messages came more often than once.</summary>
    public int Duplicates => _all.Count - _all.Select(entry => entry.Id).Distinct(StringComparer.Ordinal).Count();

    public static string IdIn(string message)
    {
        using var json = JsonDocument.Parse(message);
        return json.RootElement.GetProperty("message_id").GetString()!;
    }

    /// <summary>A message, whose device and value say which frame it is of.</summary>
    public void Add(ReadOnlyMemory<byte> body, string id)
    {
        using var json = JsonDocument.Parse(body);
        var entry = new Entry(json.RootElement.GetProperty("device_id").GetString()!, json.RootElement.GetProperty("values")[0].GetInt32(), id);
        _all.Add(entry);
        _distinct.Add((entry.Device, entry.Number));
    }

    /// <summary>Each acknowledged frame is there, in its device's order, and whatever came more often than once is known by its id.</summary>
    public void IsWhole(IEnumerable<PatientDevice> devices)
    {
        var ofDevice = _all.ToLookup(entry => entry.Device);
        Assert.That(_all.DistinctBy(entry => entry.Id).Count(), Is.EqualTo(_all.Distinct().Count()), "each id is of one message");
        foreach (var device in devices)
        {
            // By id, where it came first. A frame that a killed gateway had taken without a word is there again, with another id.
            var first = ofDevice[device.Name].DistinctBy(entry => entry.Id).ToList();
            Assert.That(first.Select(entry => entry.Number), Is.Ordered, $"{device.Name}: the order");
            Assert.That(first.Select(entry => entry.Number).Distinct(), Is.EqualTo(Enumerable.Range(0, device.Acknowledged)), $"{device.Name}: all that was acknowledged");
            foreach (var frame in first.GroupBy(entry => entry.Number).Where(frame => frame.Count() > 1))
            {
                Assert.That(frame.Count(), Is.LessThanOrEqualTo(device.LivesOf(frame.Key)), $"{device.Name}: ids of frame {frame.Key}");
            }
        }
    }

    private sealed record Entry(string Device, int Number, string Id);
}

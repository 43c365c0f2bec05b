using System.Text.Json;

namespace Gateway.Tests.Sinks;

/// <summary>What has come out at the other side of a sink, in the order in which it came.</summary>
internal sealed class Arrivals
{
    private readonly Lock _gate = new();
    private readonly List<(string Device, int Number, string Id)> _all = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>How many different messages.</summary>
    public int Distinct
    {
        get
        {
            lock (_gate)
            {
                return _all.DistinctBy(message => (message.Device, message.Number)).Count();
            }
        }
    }

    /// <summary>A message, whose body says whose it is and which one.</summary>
    public void Add(ReadOnlyMemory<byte> body, string id)
    {
        using var json = JsonDocument.Parse(body);
        lock (_gate)
        {
            _all.Add((json.RootElement.GetProperty("device_id").GetString()!, json.RootElement.GetProperty("n").GetInt32(), id));
        }
    }

    /// <summary>Each device's messages are there, in order, and what came more than once came with the same id.</summary>
    public void AreWhole(int devices, int ofEach)
    {
        lock (_gate)
        {
            Assert.That(_all.Select(message => (message.Device, message.Number, message.Id)).Distinct().Count(), Is.EqualTo(devices * ofEach), "each message, with one id");
            Assert.That(_all.Select(message => message.Id).Distinct().Count(), Is.EqualTo(devices * ofEach), "each id, for one message");
            foreach (var device in _all.GroupBy(message => message.Device))
            {
                Assert.That(device.Select(message => message.Number).Distinct(), Is.EqualTo(Enumerable.Range(0, ofEach)), $"{device.Key}: the order in which messages came first");
            }
        }
    }
}

using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Scripting;

/// <summary>
/// Knows how many scripts are being built: who builds one reads the clock when it begins and, on the same thread, when it ends,
/// to tell how long it took. A test that counts on this checks that as many began and ended as were built.
/// </summary>
internal sealed class BuildClock : FakeTimeProvider, IDisposable
{
    private readonly Lock _lock = new();
    private readonly ThreadLocal<bool> _building = new();

    /// <summary>How many have begun.</summary>
    public int Begun { get; private set; }

    /// <summary>How many of them have not ended.</summary>
    public int UnderWay { get; private set; }

    /// <summary>The most that there ever were of those.</summary>
    public int Most { get; private set; }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            _building.Value = !_building.Value;
            Begun += _building.Value ? 1 : 0;
            UnderWay += _building.Value ? 1 : -1;
            Most = Math.Max(Most, UnderWay);
        }

        return base.GetTimestamp();
    }

    public void Dispose() => _building.Dispose();
}

using System.Diagnostics;

namespace Gateway.Tests.Journal;

/// <summary>Waits for what another thread is to bring about. The limit is for when it never does.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task HoldsAsync(Func<bool> condition, string name)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(Limit), $"never: {name}");
            await Task.Yield();
        }
    }
}

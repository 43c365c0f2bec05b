using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Gateway.Tests.Support;

/// <summary>Waits for a named condition, and says which one when it does not come.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string name = "") =>
        HoldsAsync(() => Task.FromResult(condition()), name);

    public static async Task HoldsAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string name = "")
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (waited.Elapsed > Limit)
            {
                throw new AssertionException($"did not come about within {Limit.TotalSeconds} s: {name}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}

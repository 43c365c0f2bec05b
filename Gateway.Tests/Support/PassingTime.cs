using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Support;

internal static class PassingTime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Lets so much time pass, a second at a time: what is begun anew when a second is over is waited for from then on. What was due has been
    /// done when this returns. After <see cref="FakeTimeProvider.Advance"/> it need not be: any thread that asks the clock calls timers, and
    /// while one does, the others do not wait for it.
    /// </summary>
    public static void Pass(this FakeTimeProvider clock, TimeSpan time)
    {
        for (; time > TimeSpan.Zero; time -= Second)
        {
            clock.Advance(time < Second ? time : Second);

            // Timers are called in their order, one at a time.
            using var done = new ManualResetEventSlim();
            using var last = clock.CreateTimer(_ => done.Set(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            Assert.That(done.Wait(Eventually.Limit), "what is due comes to an end");
        }
    }
}

using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Support;

internal sealed class PassingTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public async Task What_is_due_has_been_done_even_where_another_thread_does_it()
    {
        var clock = new FakeTimeProvider();
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        await using var slow = clock.CreateTimer(
            _ =>
            {
                begun.Set();
                goOn.Wait(Eventually.Limit);
            },
            null, Second, Timeout.InfiniteTimeSpan);
        var calls = 0;
        await using var periodic = clock.CreateTimer(_ => calls++, null, 2 * Second, Second);
        var other = Task.Run(() => clock.Advance(Second));
        Assert.That(begun.Wait(Eventually.Limit));

        var passing = Task.Run(() => clock.Pass(4 * Second));
        await Eventually.HoldsAsync(() => Task.FromResult(clock.GetTimestamp() == (clock.Start + (2 * Second)).Ticks), "the first second is over");
        var isHeld = !passing.IsCompleted && calls == 0;
        goOn.Set();
        await passing;
        await other;

        Assert.That(isHeld, "nothing has been done yet");
        Assert.That(calls, Is.EqualTo(4));
    }
}

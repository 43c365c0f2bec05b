using System.Diagnostics;
using System.Globalization;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>What the kernel of this machine notes of a thread that devices wait for.</summary>
[Platform("Linux")]
internal sealed class PromptThreadTests
{
    [Test]
    public void It_has_a_greater_share_where_the_system_allows_that_and_the_threads_it_starts_are_like_the_others()
    {
        var before = PromptThread.Read();
        Assume.That(before, Is.Not.Null, "here the system is not asked");
        Assume.That(before!.Value.Nice, Is.Zero, "these tests were started with a nice value of their own");

        var (prompt, child) = (default(SchedulingAttributes?), default(SchedulingAttributes?));
        OnAThread(() =>
        {
            PromptThread.Begin();
            prompt = PromptThread.Read();
            OnAThread(() => child = PromptThread.Read());
        });

        Assert.That(prompt!.Value.Nice, Is.EqualTo(Allowed()));
        Assert.That((child!.Value.Nice, child.Value.Runtime), Is.EqualTo((0, before.Value.Runtime)));
        Assert.That(PromptThread.Read(), Is.EqualTo(before), "who started it is as before");
    }

    // nice(1) without a command tells what it has.
    private static int Allowed()
    {
        using var nice = Process.Start(new ProcessStartInfo("nice", ["-n", PromptThread.Nice.ToString(CultureInfo.InvariantCulture), "nice"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return int.Parse(nice.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }

    private static void OnAThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}

using Gateway.Coap;
using Gateway.Tests.Support;

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

        Assert.That(prompt!.Value.Nice, Is.EqualTo(NiceValue.After(PromptThread.Nice)));
        Assert.That((child!.Value.Nice, child.Value.Runtime), Is.EqualTo((0, before.Value.Runtime)));
        Assert.That(PromptThread.Read(), Is.EqualTo(before), "who started it is as before");
    }

    [Test]
    public void A_nice_value_that_somebody_has_chosen_stays()
    {
        Assume.That(PromptThread.Read()?.Nice, Is.Zero, "here the system is not asked, or these tests were started with a nice value of their own");
        SchedulingAttributes? chosen = null;
        OnAThread(() =>
        {
            NiceValue.OfThisThread(3);
            PromptThread.Begin();
            chosen = PromptThread.Read();
        });

        Assert.That(chosen!.Value.Nice, Is.EqualTo(3));
    }

    private static void OnAThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}

using System.Globalization;
using Gateway.Coap;

namespace Gateway.Cli;

/// <summary>Whether the threads that devices wait for get a processor sooner than others.</summary>
internal static class ShareLook
{
    public static IEnumerable<Finding> Run()
    {
        const string subject = "share of the processors";
        if (Try() is not { } attributes)
        {
            yield break;
        }

        yield return attributes.Nice != 0
            ? Finding.Good(subject, string.Create(CultureInfo.InvariantCulture, $"threads that devices wait for have a nice value of {attributes.Nice}"))
            : Finding.Odd(subject, string.Create(CultureInfo.InvariantCulture, $"a gateway started as this was: threads that devices wait for have a nice value of {attributes.Nice} like the others, and a busy machine lets them wait"),
                string.Create(CultureInfo.InvariantCulture, $"LimitNICE={PromptThread.Nice} in the unit of systemd (ours has it), --ulimit nice={PromptThread.Limit}:{PromptThread.Limit} for docker run, or CAP_SYS_NICE"));
    }

    // It stays with the thread, so this one is for nothing else.
    private static SchedulingAttributes? Try()
    {
        SchedulingAttributes? attributes = null;
        var thread = new Thread(() =>
        {
            PromptThread.Begin();
            attributes = PromptThread.Read();
        });
        thread.Start();
        thread.Join();
        return attributes;
    }
}

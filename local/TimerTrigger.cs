using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local;

/// <summary>A timer trigger: calls its function at each occurrence of its schedule, never twice at once; occurrences missed meanwhile are left out.</summary>
internal sealed class TimerTrigger
{
    // Timers of the runtime reach 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Function function;
    private readonly TimerTriggerAttribute trigger;
    private readonly IServiceProvider services;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Schedule schedule;

    /// <exception cref="FormatException">The schedule is none.</exception>
    /// <exception cref="InvalidOperationException">A parameter can not be bound.</exception>
    public TimerTrigger(Function function, TimerTriggerAttribute trigger, IServiceProvider services, TimeProvider time, ILogger logger)
    {
        (this.function, this.trigger, this.services, this.time, this.logger) = (function, trigger, services, time, logger);
        schedule = Schedule.Parse(trigger.Schedule);
        foreach (var parameter in function.Parameters)
            if (parameter.ParameterType != typeof(TimerInfo) && parameter.ParameterType != typeof(CancellationToken))
                throw function.Unbindable(parameter, "TimerInfo or CancellationToken");
    }

    /// <summary>Calls the function on schedule until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // Let the host go on with its start.
        await Task.Yield();
        var last = time.GetUtcNow();
        if (trigger.RunOnStartup)
            await InvokeAsync(last, stopping);
        while (schedule.Next(time.GetUtcNow()) is { } next)
        {
            while (time.GetUtcNow() is var now && now < next)
            {
                var wait = next - now;
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stopping.IsCancellationRequested)
                    return;
            }
            await InvokeAsync(last, stopping);
            last = next;
        }
    }

    private async Task InvokeAsync(DateTimeOffset last, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        var info = new TimerInfo
        {
            ScheduleStatus = new ScheduleStatus
            {
                Last = last.UtcDateTime,
                Next = schedule.Next(now)?.UtcDateTime ?? default,
                LastUpdated = now.UtcDateTime,
            },
        };
        try
        {
            await function.InvokeAsync(services, Array.ConvertAll(function.Parameters, object (p) => p.ParameterType == typeof(TimerInfo) ? info : stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            logger.LogError(e, "{Function} failed; it is called again on its schedule {Schedule}", function.Name, trigger.Schedule);
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local;

/// <summary>HTTP triggers: their routes, arguments and key, and the errors that are nobody else's.</summary>
internal static class HttpFunctions
{
    private const string KeyHeader = "x-functions-key";

    /// <summary>Maps the HTTP functions among some functions; the route prefix is empty.</summary>
    /// <param name="app">The application that serves them.</param>
    /// <param name="functions">The functions.</param>
    /// <param name="services">What is registered in the application.</param>
    public static void Map(WebApplication app, IReadOnlyList<Function> functions, IServiceCollection services)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Pipeline");
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(app.Configuration["Pipeline:Key"] ?? "local"));
        RequestDelegate? rest = null;
        app.UseRouting();
        app.UseEndpoints(endpoints =>
        {
            foreach (var function in functions)
            {
                if (function.Trigger is not HttpTriggerAttribute trigger)
                    continue;
                var route = RoutePatternFactory.Parse(trigger.Route ?? function.Name);
                var handler = Handler(function, trigger, route, key, function.NeedsScope(services) ? null : app.Services, logger);
                // What takes every address is asked last and not by routing, where it would be a second candidate for each request.
                if (trigger.Methods.Length == 0 && function.Parameters.Length == 1 && route.PathSegments is [{ Parts: [RoutePatternParameterPart { IsCatchAll: true }] }])
                    rest = handler;
                else if (trigger.Methods.Length == 0)
                    endpoints.Map(route, handler);
                else
                    endpoints.MapMethods(trigger.Route ?? function.Name, trigger.Methods.Select(m => m.ToUpperInvariant()), handler);
            }
        });
        if (rest is not null)
            app.Run(rest);
    }

    private static RequestDelegate Handler(Function function, HttpTriggerAttribute trigger, RoutePattern route, byte[] key, IServiceProvider? provider, ILogger logger)
    {
        var bind = function.Parameters.Select(parameter => Binder(function, parameter, route)).ToArray();
        if (!typeof(IResult).IsAssignableFrom(function.Method.ReturnType) && function.Method.ReturnType != typeof(Task<IResult>))
            throw new InvalidOperationException($"The function {function.Name} returns {function.Method.ReturnType.Name}. Expected: IResult or Task<IResult>.");
        var open = trigger.AuthLevel == AuthorizationLevel.Anonymous;

        return async context =>
        {
            if (!open && !await HasKeyAsync(context, key))
                return;
            try
            {
                var arguments = new object?[bind.Length];
                for (var i = 0; i < bind.Length; i++)
                    arguments[i] = bind[i](context);
                var result = function.Invoke(provider ?? context.RequestServices, arguments);
                await (result is Task<IResult> task ? await task : (IResult)result!).ExecuteAsync(context);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has gone: nobody to answer.
            }
            catch (Exception e) when (context.Response.HasStarted)
            {
                logger.LogError(e, "{Function} failed in the middle of its answer to {Path}", function.Name, context.Request.Path);
                // The client must not take half an answer for a whole one.
                context.Abort();
            }
            catch (BadHttpRequestException e)
            {
                context.Response.Clear();
                await Problem.WriteAsync(context, e.StatusCode, "request-unreadable", "The request can not be read", e.Message);
            }
            catch (Exception e)
            {
                var trace = ActivityTraceId.CreateRandom().ToHexString();
                logger.LogError(e, "{Function} failed for {Method} {Path} (trace {Trace})", function.Name, context.Request.Method, context.Request.Path, trace);
                context.Response.Clear();
                await Problem.WriteAsync(context, 500, "internal-error", "This is a fault of ours",
                    $"The request could not be answered. Try again; if it stays, report it with the trace id {trace}, which the log has the reason under.", trace);
            }
        };
    }

    private static Func<HttpContext, object?> Binder(Function function, System.Reflection.ParameterInfo parameter, RoutePattern route)
    {
        var (name, type) = (parameter.Name!, parameter.ParameterType);
        if (type == typeof(HttpRequest))
            return static context => context.Request;
        if (type == typeof(HttpContext))
            return static context => context;
        if (type == typeof(CancellationToken))
            return static context => context.RequestAborted;
        if (route.GetParameter(name) is not null && type == typeof(string))
            return context => context.Request.RouteValues[name] as string;
        if (route.GetParameter(name) is not null && type == typeof(int))
        {
            return context => int.TryParse(context.Request.RouteValues[name] as string, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new BadHttpRequestException($"{name} is \"{context.Request.RouteValues[name]}\". Expected: a whole number.");
        }
        throw function.Unbindable(parameter, "HttpRequest, CancellationToken, or string or int with the name of a part of its route");
    }

    private static async ValueTask<bool> HasKeyAsync(HttpContext context, byte[] key)
    {
        var given = context.Request.Headers[KeyHeader].ToString() is { Length: > 0 } header ? header : context.Request.Query["code"].ToString();
        if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), key))
            return true;
        var (code, title) = given.Length == 0 ? ("key-missing", "A key is needed") : ("key-wrong", "The key is not right");
        await Problem.WriteAsync(context, 401, code, title,
            $"{context.Request.Method} {context.Request.Path} needs a key. Send it in the header {KeyHeader}; on a local host it is the setting Pipeline:Key, by default \"local\".");
        return false;
    }
}

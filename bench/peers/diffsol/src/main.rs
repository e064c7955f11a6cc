//! diffsol on any problem, whose right-hand side and Jacobian are compiled from C (see bench/work-precision):
//!
//!   diffsol-peer PROBLEM METHOD SECONDS RTOL...         (atol = RTOL * scale)
//!
//! PROBLEM is a file of JSON: library, n, starts, rows, u0, scale, p, tspan. METHOD is bdf, esdirk34, tr_bdf2 or tsit45. Prints for each
//! tolerance a line of JSON with the state at the end. What takes longer than SECONDS is left out, and all tighter ones.
//! Matrices are dense up to DENSE states, then sparse, filled in by coloured products.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use diffsol::matrix::MatrixRef;
use diffsol::{
    DefaultDenseMatrix, DefaultSolver, FaerSparseLU, FaerSparseMat, LinearSolver, Matrix, NalgebraLU, NalgebraMat, OdeBuilder, OdeEquations,
    OdeSolverMethod, OdeSolverStopReason, Vector, VectorRef,
};

const DENSE: usize = 50;
const RUNS: usize = 3;

type Compiled = unsafe extern "C" fn(*mut f64, *const f64, *const f64, f64);

struct Problem {
    rhs: Compiled,
    jacobian: Compiled,
    starts: Vec<usize>,
    rows: Vec<usize>,
    u0: Vec<f64>,
    scale: Vec<f64>,
    p: Vec<f64>,
    tspan: (f64, f64),
    // The values of the Jacobian, and where they were taken: it is asked for one column after the other.
    values: RefCell<(Vec<f64>, Vec<f64>, f64)>,
    calls: Cell<usize>,
}

impl Problem {
    fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(path).expect("the problem's file");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let numbers = |key: &str| -> Vec<f64> { json[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect() };
        let indices = |key: &str| -> Vec<usize> { numbers(key).into_iter().map(|x| x as usize).collect() };
        // It stays loaded to the end.
        let library = Box::leak(Box::new(unsafe { libloading::Library::new(json["library"].as_str().unwrap()) }.expect("the library")));
        let compiled = |name: &str| -> Compiled { *unsafe { library.get::<Compiled>(name.as_bytes()) }.expect("a function") };
        let rows = indices("rows");
        let tspan = numbers("tspan");
        Problem {
            rhs: compiled("rhs"),
            jacobian: compiled("jacobian"),
            starts: indices("starts"),
            values: RefCell::new((vec![0.0; rows.len()], vec![], f64::NAN)),
            rows,
            u0: numbers("u0"),
            scale: numbers("scale"),
            p: numbers("p"),
            tspan: (tspan[0], tspan[1]),
            calls: Cell::new(0),
        }
    }

    fn rhs(&self, u: &[f64], t: f64, du: &mut [f64]) {
        self.calls.set(self.calls.get() + 1);
        unsafe { (self.rhs)(du.as_mut_ptr(), u.as_ptr(), self.p.as_ptr(), t) }
    }

    fn jacobian_product(&self, u: &[f64], t: f64, v: &[f64], out: &mut [f64]) {
        let mut kept = self.values.borrow_mut();
        let (values, at, time) = &mut *kept;
        if *time != t || at.as_slice() != u {
            unsafe { (self.jacobian)(values.as_mut_ptr(), u.as_ptr(), self.p.as_ptr(), t) };
            *at = u.to_vec();
            *time = t;
        }
        out.fill(0.0);
        for column in 0..u.len() {
            if v[column] != 0.0 {
                for k in self.starts[column]..self.starts[column + 1] {
                    out[self.rows[k]] += values[k] * v[column];
                }
            }
        }
    }
}

/// The state at the end; none where the solver fails, or takes longer than it may.
fn end_of<'a, E, S>(solver: Result<S, diffsol::DiffsolError>, end: f64, deadline: (Instant, f64)) -> Option<Vec<f64>>
where
    E: OdeEquations<T = f64> + 'a,
    E::V: Vector<T = f64> + DefaultDenseMatrix,
    S: OdeSolverMethod<'a, E>,
{
    let mut solver = solver.ok()?;
    solver.set_stop_time(end).ok()?;
    loop {
        match solver.step().ok()? {
            OdeSolverStopReason::TstopReached => return Some(solver.state().y.clone_as_vec()),
            _ if deadline.0.elapsed().as_secs_f64() > deadline.1 => return None,
            _ => {}
        }
    }
}

fn solve<M, L>(problem: &Problem, method: &str, rtol: f64, patience: f64) -> Option<Vec<f64>>
where
    M: Matrix<T = f64, V: Vector<T = f64> + DefaultDenseMatrix> + DefaultSolver,
    L: LinearSolver<M>,
    for<'b> &'b M::V: VectorRef<M::V>,
    for<'b> &'b M: MatrixRef<M>,
{
    let (start, end) = problem.tspan;
    let built = OdeBuilder::<M>::new()
        .t0(start)
        .h0(1e-6 * (end - start))
        .rtol(rtol)
        .atol(problem.scale.iter().map(|s| rtol * s).collect::<Vec<_>>())
        .use_coloring(problem.u0.len() > DENSE)
        .rhs_implicit(
            |u: &[f64], _: &[f64], t, du: &mut [f64]| problem.rhs(u, t, du),
            |u: &[f64], _: &[f64], t, v: &[f64], out: &mut [f64]| problem.jacobian_product(u, t, v, out),
        )
        .init(|_: &[f64], _, u: &mut [f64]| u.copy_from_slice(&problem.u0), problem.u0.len())
        .build()
        .ok()?;
    let deadline = (Instant::now(), patience);
    match method {
        "bdf" => end_of(built.bdf::<L>(), end, deadline),
        "esdirk34" => end_of(built.esdirk34::<L>(), end, deadline),
        "tr_bdf2" => end_of(built.tr_bdf2::<L>(), end, deadline),
        "tsit45" => end_of(built.tsit45(), end, deadline),
        _ => panic!("no method {method}"),
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let problem = Problem::read(&words[1]);
    let (method, patience): (&str, f64) = (&words[2], words[3].parse().expect("seconds"));
    for rtol in words[4..].iter().map(|word| word.parse::<f64>().expect("a tolerance")) {
        let (mut least, mut end) = (f64::INFINITY, None);
        for _ in 0..RUNS {
            problem.calls.set(0);
            let start = Instant::now();
            end = if problem.u0.len() > DENSE {
                solve::<FaerSparseMat<f64>, FaerSparseLU<f64>>(&problem, method, rtol, patience)
            } else {
                solve::<NalgebraMat<f64>, NalgebraLU<f64>>(&problem, method, rtol, patience)
            };
            least = least.min(start.elapsed().as_secs_f64());
        }
        let Some(end) = end else { break };
        println!("{}", serde_json::json!({ "rtol": rtol, "seconds": least, "calls": problem.calls.get(), "end": end }));
    }
}
